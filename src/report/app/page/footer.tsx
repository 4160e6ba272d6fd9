import { useRun } from '../report-context.ts';

export function Footer() {
  const { versions } = useRun().explanation;
  const version = versions['craft-xai'];
  return (
    <footer class="footer">
      Made by craft-xai{version ? ` ${version}` : ''}. Method: Fel, Picard, Béthune et al., CRAFT: Concept
      Recursive Activation FacTorization for Explainability, CVPR 2023. This page holds its data and reads
      nothing from a network.
    </footer>
  );
}
