// Light and dark: what the system says, until the button says otherwise; that is remembered.

const KEY = 'goroscope-theme';

/** @typedef {'light' | 'dark'} ThemeName */

/** @param {HTMLElement} button @param {(theme: ThemeName) => void} onChange */
export function setUpTheme(button, onChange) {
  const system = matchMedia('(prefers-color-scheme: dark)');
  let chosen = remembered();
  const apply = () => {
    const theme = chosen ?? (system.matches ? 'dark' : 'light');
    document.documentElement.dataset.theme = theme;
    const next = theme === 'dark' ? 'light' : 'dark';
    button.title = `Switch to ${next} colours`;
    button.setAttribute('aria-label', button.title);
    onChange(theme);
  };
  button.addEventListener('click', () => {
    chosen = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    remember(chosen);
    apply();
  });
  system.addEventListener('change', apply);
  apply();
}

/** @returns {ThemeName | null} */
function remembered() {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : null;
  } catch {
    return null; // storage may be forbidden; then the choice lasts as long as the page
  }
}

/** @param {ThemeName} theme */
function remember(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // the same
  }
}
