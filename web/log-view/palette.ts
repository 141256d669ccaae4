import { rgbOf } from './style.ts';

/** Adds the rules of the colours 16 to 255, `fg-16` and `bg-16` onwards; the first sixteen are in `log-view.css`. */
export function addPalette(): void {
  if (added) return;
  added = true;
  const rules: string[] = [];
  for (let colour = 16; colour < 256; colour++) {
    const rgb = rgbOf(colour).join(' ');
    rules.push(`.log .fg-${colour}{color:rgb(${rgb})}.log .bg-${colour}{background-color:rgb(${rgb})}`);
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules.join(''));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

let added = false;
