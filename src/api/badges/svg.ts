/** A badge: a key on grey, its value on a colour. Widths in pixels. */
export interface Badge {
  key: string;
  keyWidth: number;
  value: string;
  valueWidth: number;
  color: string;
  /** Square corners and no shade. */
  flat: boolean;
}

/** The badge as an SVG picture; whatever the texts hold is text. */
export function badgeSvg({ key, keyWidth, value, valueWidth, color, flat }: Badge): string {
  const width = keyWidth + valueWidth;
  const shade = flat ? '' : `<rect width="${width}" height="20" fill="url(#shade)"/>`;
  const label = `${escaped(key)}: ${escaped(value)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${label}">
<title>${label}</title>
<linearGradient id="shade" x2="0" y2="1"><stop stop-color="#fff" stop-opacity=".12"/><stop offset="1" stop-opacity=".12"/></linearGradient>
<clipPath id="shape"><rect width="${width}" height="20" rx="${flat ? 0 : 3}"/></clipPath>
<g clip-path="url(#shape)"><rect width="${keyWidth}" height="20" fill="#555"/><rect x="${keyWidth}" width="${valueWidth}" height="20" fill="${color}"/>${shade}</g>
<g fill="#fff" font-family="DejaVu Sans,Verdana,sans-serif" font-size="11" text-anchor="middle">
<text x="${keyWidth / 2}" y="14">${escaped(key)}</text>
<text x="${keyWidth + valueWidth / 2}" y="14">${escaped(value)}</text>
</g>
</svg>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
