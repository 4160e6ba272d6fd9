const BIBTEX = `@inproceedings{fel2023craft,
  title     = {{CRAFT}: Concept Recursive Activation {FacTorization} for Explainability},
  author    = {Fel, Thomas and Picard, Agustin and B{\\'e}thune, Louis and Boissin, Thibaut and
               Vigouroux, David and Colin, Julien and Cad{\\\`e}ne, R{\\'e}mi and Serre, Thomas},
  booktitle = {Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition},
  year      = {2023},
  pages     = {2711--2721}
}`;

/** The paper of the method, for a bibliography. */
export function Citation() {
  return (
    <details class="reproduce">
      <summary>Cite the method</summary>
      <pre>
        <code>{BIBTEX}</code>
      </pre>
    </details>
  );
}
