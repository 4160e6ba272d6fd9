interface Props {
  /** Links to the pages before and after; null at either end. */
  back: string | null;
  on: string | null;
  what: 'concept' | 'image' | 'text';
}

/** From a page to the report and to its neighbours. */
export function PageNav({ back, on, what }: Props) {
  return (
    <nav class="page-nav" aria-label="Pages">
      <a href="#report">← The whole report</a>
      {back && <a href={back}>Previous {what}</a>}
      {on && <a href={on}>Next {what}</a>}
    </nav>
  );
}
