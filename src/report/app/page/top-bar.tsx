import { ThemeSwitch } from './theme-switch.tsx';

interface Props {
  hasMaps: boolean;
  hasEvaluation: boolean;
}

export function TopBar({ hasMaps, hasEvaluation }: Props) {
  return (
    <header class="top-bar">
      <div class="top-bar-inner">
        <span class="brand">craft-xai</span>
        <nav aria-label="Sections">
          <a href="#importance">Importance</a>
          <a href="#concepts">Concepts</a>
          {hasMaps && <a href="#maps">Maps</a>}
          {hasEvaluation && <a href="#evaluation">Trust</a>}
          <a href="#method">Method</a>
          <a href="#take-away">Download</a>
        </nav>
        <ThemeSwitch />
      </div>
    </header>
  );
}
