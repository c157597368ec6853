// Light or dark, as it was chosen here before. A classic script in the head, so that no page is ever drawn in the wrong one.

(function () {
  let chosen
  try {
    chosen = localStorage.getItem('playhouse.theme')
  } catch {
    // Without storage the system's choice holds.
  }
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen
})()
