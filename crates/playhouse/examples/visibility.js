// The client's half of the plugin `visibility`: a client tells when its page is hidden or seen again.

Primus.prototype.tellVisible = function (visible) {
  return this.write('visible:' + visible)
}
