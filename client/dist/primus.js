(function () { var compiled = "%%COMPILED%%"; if (typeof window !== "undefined") window.playhouseCompiled = compiled })()
