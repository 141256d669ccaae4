import { unspecifiedClass } from '../errors.ts';
import { Float, type YamlScalar } from '../yaml-value.ts';

/** The value of an unquoted scalar, or the refusal of a kind that Psych's safe loader does not make. */
export type PlainScalar = { ok: true; value: YamlScalar } | { ok: false; message: string };

const WORDS = new Map<string, boolean | null>([
  ['~', null],
  ['null', null],
  ['yes', true],
  ['true', true],
  ['on', true],
  ['no', false],
  ['false', false],
  ['off', false],
]);
const LONGEST_WORD = 5;

const DATE = /^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$/;
const TIME =
  /^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?$/;
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}(?:\.[0-9_]*)?$/;
const FLOAT = /^[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?$/;
const BINARY = /^[-+]?0b[_,]*[01][01_,]*$/;
const OCTAL = /^[-+]?0[_,]*[0-7][0-7_,]*$/;
const DECIMAL = /^[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)$/;
const HEXADECIMAL = /^[-+]?0x[_,]*[0-9a-fA-F][0-9a-fA-F_,]*$/;

/** Reads an unquoted scalar as Ruby's Psych does, YAML 1.1 (ci-yaml 2). */
export function resolvePlain(text: string): PlainScalar {
  if (text === '') return value(null);
  if (text.length <= LONGEST_WORD) {
    const word = WORDS.get(text.toLowerCase());
    if (word !== undefined) return value(word);
  }
  if (!/[\d.:]/.test(text[0]!) && text[0] !== '-' && text[0] !== '+') return value(text);
  if (TIME.test(text)) return { ok: false, message: unspecifiedClass('Time') };
  if (DATE.test(text)) return { ok: false, message: unspecifiedClass('Date') };
  return value(resolveNumber(text) ?? resolveSpecial(text));
}

function value(scalar: YamlScalar): PlainScalar {
  return { ok: true, value: scalar };
}

function resolveNumber(text: string): number | bigint | Float | undefined {
  if (SEXAGESIMAL.test(text)) return text.includes('.') ? new Float(sexagesimal(text)) : sexagesimal(text);
  if (FLOAT.test(text) && /\d/.test(text)) return new Float(Number(text.replace(/[,_]/g, '')));
  if (BINARY.test(text)) return integer(text, '0b');
  if (HEXADECIMAL.test(text)) return integer(text, '0x');
  if (DECIMAL.test(text)) return integer(text, '');
  if (OCTAL.test(text)) return integer(text, '0o');
  return undefined;
}

/** `.inf`, `.nan` and Ruby symbols (`:name`, which we read as the string `name`). */
function resolveSpecial(text: string): Float | string {
  if (/^\+?\.inf$/i.test(text)) return new Float(Number.POSITIVE_INFINITY);
  if (/^-\.inf$/i.test(text)) return new Float(Number.NEGATIVE_INFINITY);
  if (/^\.nan$/i.test(text)) return new Float(Number.NaN);
  return /^:\w+$/.test(text) ? text.slice(1) : text;
}

/** Psych weighs the first part 3600 whatever follows: `1:30` is 5400, as `1:30:00` (ci-yaml 2). */
function sexagesimal(text: string): number {
  const weights = [3600, 60, 1];
  const parts = text.replace(/_/g, '').split(':');
  return parts.reduce((sum, part, index) => sum + Number(part) * weights[index]!, 0);
}

function integer(text: string, prefix: string): number | bigint {
  const digits = text
    .replace(/[,_+]/g, '')
    .replace(/^-/, '')
    .replace(/^0[bx]/, '');
  const big = BigInt(prefix + digits) * (text.startsWith('-') ? -1n : 1n);
  const small = Number(big);
  return Number.isSafeInteger(small) ? small : big;
}
