// The first thing a visitor sees in the timeline's place: each program as a card that runs it.

/** @typedef {import('./controls.mjs').Demo} Demo */

/** @param {HTMLElement} box @param {Demo[]} demos @param {(demo: Demo) => void} onPick */
export function fillCards(box, demos, onPick) {
  box.replaceChildren(...demos.map((demo) => {
    const card = document.createElement('button');
    card.type = 'button';
    const title = document.createElement('b');
    title.textContent = demo.title;
    card.append(title, demo.what);
    card.addEventListener('click', () => onPick(demo));
    return card;
  }));
}
