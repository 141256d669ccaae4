import { EXPRESSION_TOO_LONG, TOO_MANY_FUNCTIONS } from '../errors.ts';
import { accessValue, type Interpolated, type InterpolationValues } from './access.ts';
import { applyFunction, type VariableAccess } from './functions.ts';

/** One `$[[ ... ]]` of a text. */
export interface Block {
  start: number;
  end: number;
  expression: string;
}

const MAX_EXPRESSION_BYTES = 1024;
const MAX_FUNCTIONS = 3;

/** The blocks of a text in order, those of a matrix left out: they are filled later (ci-yaml 3, 8.6). */
export function findBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  for (let start = text.indexOf('$[['); start !== -1; ) {
    const close = text.indexOf(']]', start + 3);
    if (close === -1) break;
    const expression = text.slice(start + 3, close).trim();
    const end = close + 2;
    if (expression.length > 1 && !expression.startsWith('matrix.')) blocks.push({ start, end, expression });
    start = text.indexOf('$[[', end);
  }
  return blocks;
}

/** The value of `inputs.name | function | ...` (ci-yaml 3). */
export function evaluateBlock(
  expression: string,
  values: InterpolationValues,
  access: VariableAccess,
): Interpolated {
  if (Buffer.byteLength(expression) > MAX_EXPRESSION_BYTES)
    return { ok: false, message: EXPRESSION_TOO_LONG };
  const [path = '', ...functions] = expression.split('|').map((part) => part.trim());
  if (functions.length > MAX_FUNCTIONS) return { ok: false, message: TOO_MANY_FUNCTIONS };
  let result = accessValue(path, values);
  for (const source of functions) {
    if (result.ok) result = applyFunction(source, result.value, access);
  }
  return result;
}
