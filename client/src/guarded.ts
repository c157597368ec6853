// Code of the page's own, and of its plugins.

/** Calls it. What it throws is reported as any error of the page's is, and stops nothing here. */
export function guarded (act: () => void): void {
  try {
    act()
  } catch (error) {
    setTimeout(() => { throw error }, 0)
  }
}
