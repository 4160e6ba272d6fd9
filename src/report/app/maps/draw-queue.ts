// Drawings that wait until they are in sight, and then for a frame with time left: what a reader does is answered
// before every picture of the page has been drawn anew.

type Draw = () => void;

/** Of a frame, in ms; the browser needs the rest of its 16. */
const BUDGET = 8;
/** How far outside of the window a drawing is made beforehand. */
const MARGIN = '300px';
/** So many are drawn out of sight as well, one a frame, when nothing else waits. */
const FEW = 64;

const outOfSight = new Map<Element, Draw>();
const inSight = new Map<Element, Draw>();
let observer: IntersectionObserver | null = null;
let frame = 0;

/**
 * Draws when `element` comes into sight, or is printed.
 *
 * @returns takes the drawing back, if it has not been made.
 */
export function drawInSight(element: Element, draw: Draw): () => void {
  observer ??= observe();
  outOfSight.set(element, draw);
  observer.observe(element);
  return () => {
    observer!.unobserve(element);
    outOfSight.delete(element);
    inSight.delete(element);
  };
}

function observe(): IntersectionObserver {
  addEventListener('beforeprint', () => {
    for (const draw of [...inSight.values(), ...outOfSight.values()]) draw();
    inSight.clear();
    outOfSight.clear();
  });
  return new IntersectionObserver(note, { rootMargin: MARGIN });
}

function note(entries: IntersectionObserverEntry[], self: IntersectionObserver): void {
  for (const { isIntersecting, target } of entries) {
    const draw = outOfSight.get(target);
    if (!isIntersecting || !draw) continue;
    self.unobserve(target);
    outOfSight.delete(target);
    inSight.set(target, draw);
  }
  queueFew();
  if (inSight.size > 0 && frame === 0) frame = requestAnimationFrame(drawSome);
}

function queueFew(): void {
  if (inSight.size > 0 || outOfSight.size > FEW) return;
  for (const [element, draw] of outOfSight) {
    observer!.unobserve(element);
    outOfSight.delete(element);
    inSight.set(element, draw);
    return;
  }
}

/** At least one drawing, so that there is an end. */
function drawSome(): void {
  const end = performance.now() + BUDGET;
  for (const [element, draw] of inSight) {
    inSight.delete(element);
    draw();
    if (performance.now() > end) break;
  }
  queueFew();
  frame = inSight.size > 0 ? requestAnimationFrame(drawSome) : 0;
}
