/**
 * Browsers make no element taller than some 17 to 33 million pixels. A log that is taller is scrolled in an element of this height;
 * what is shown there stands at a height of its own, `position`, which moves with small scrolls pixel by pixel and with
 * large ones, those of the scroll bar, in proportion.
 */
export const MAX_HEIGHT = 12_000_000;

/** Heights in pixels: of all rows, and of what is in sight. */
export interface Sizes {
  total: number;
  view: number;
}

/** Where the log is scrolled to. */
export interface Scrolled {
  /** `scrollTop` of the element. */
  element: number;
  /** The height in the log that is at the upper edge. */
  position: number;
}

/** The height that the element gets. */
export function elementHeight({ total }: Pick<Sizes, 'total'>): number {
  return Math.min(total, MAX_HEIGHT);
}

const limits = ({ total, view }: Sizes) => ({
  element: Math.max(0, elementHeight({ total }) - view),
  position: Math.max(0, total - view),
});

/** Where the element must be scrolled to for a position, in proportion. */
export function scrolledTo(wanted: number, sizes: Sizes): Scrolled {
  const most = limits(sizes);
  const position = Math.min(Math.max(0, wanted), most.position);
  if (sizes.total <= MAX_HEIGHT) return { element: position, position };
  return { element: (position / most.position) * most.element, position };
}

/** The position after the reader scrolled the element from where it was. */
export function afterScroll(element: number, before: Scrolled, sizes: Sizes): Scrolled {
  const most = limits(sizes);
  if (sizes.total <= MAX_HEIGHT) return { element, position: Math.min(element, most.position) };
  const moved = element - before.element;
  const small = Math.abs(moved) <= 2 * sizes.view && element > 0 && element < most.element;
  const position = small ? before.position + moved : (element / most.element) * most.position;
  return { element, position: Math.min(Math.max(0, position), most.position) };
}

/** How far the element is from where it belongs in proportion: to be put right when nobody notices, before its ends come near. */
export function drift({ element, position }: Scrolled, sizes: Sizes): number {
  return Math.abs(scrolledTo(position, sizes).element - element);
}
