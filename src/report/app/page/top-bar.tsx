import { ThemeSwitch } from './theme-switch.tsx';

/** `links`: word and id of the sections that only some reports have. */
export function TopBar({ links }: { links: readonly (readonly [string, string, boolean])[] }) {
  return (
    <header class="top-bar">
      <div class="top-bar-inner">
        <span class="brand">craft-xai</span>
        <nav aria-label="Sections">
          <a href="#importance">Importance</a>
          <a href="#concepts">Concepts</a>
          {links.map(([word, id]) => (
            <a key={id} href={`#${id}`}>
              {word}
            </a>
          ))}
          <a href="#method">Method</a>
          <a href="#take-away">Download</a>
        </nav>
        <ThemeSwitch />
      </div>
    </header>
  );
}
