"use strict";
// Puts the interactive views in place of the still pictures.

for (const figure of document.querySelectorAll("figure[data-view]")) {
  // Each view stands before what is in the figure: the last one first.
  for (const id of figure.dataset.view.split(" ").reverse()) {
    const data = JSON.parse(document.getElementById(id).textContent);
    if (data.kind === "surfaces") showSurfaces(figure, data);
    else showChart(figure, data);
  }
}
