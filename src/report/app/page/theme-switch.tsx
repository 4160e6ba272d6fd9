import { useEffect, useState } from 'preact/hooks';
import { keep, recall } from '../storage.ts';

const key = 'craft-xai:theme';
const prefersDark = (): boolean => matchMedia('(prefers-color-scheme: dark)').matches;

/** Light or dark: as the system says until the reader chooses. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState(recall(key));
  const [systemDark, setSystemDark] = useState(prefersDark);
  const dark = theme === null ? systemDark : theme === 'dark';

  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = (): void => setSystemDark(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  useEffect(() => {
    if (theme !== null) document.documentElement.dataset.theme = theme;
  }, [theme]);

  const change = (): void => {
    const next = dark ? 'light' : 'dark';
    keep(key, next);
    setTheme(next);
  };
  return (
    <button
      type="button"
      class="theme-switch"
      role="switch"
      aria-checked={dark}
      aria-label="Dark theme"
      onClick={change}
    >
      <span class="theme-word" aria-hidden="true">
        Dark
      </span>
      <span class="theme-track" aria-hidden="true">
        <span class="theme-knob" />
      </span>
    </button>
  );
}
