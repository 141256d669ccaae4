/**
 * What a route takes, as data: each parameter's type, whether it is required, its default and limits. GitLab's
 * coercions and error texts are the contract (jobs-api 1.1, rest-resources 0.2 and 0.4).
 */
interface Common {
  required?: true;
  /** The handler sees null when the client sent null or nothing after the `=`; otherwise that is as good as absent. */
  nullable?: true;
}
/** A file of a multipart body, whole; its name is the client's. */
export class UploadedFile {
  readonly name: string;
  readonly bytes: Buffer;
  constructor(name: string, bytes: Buffer) {
    this.name = name;
    this.bytes = bytes;
  }
}

export type Parameter =
  | (Common & {
      type: 'string';
      default?: string;
      values?: readonly string[];
      /** Given, but null or nothing, it is not missing but empty. */
      notBlank?: true;
      pattern?: RegExp;
      maxLength?: number;
    })
  | (Common & {
      type: 'integer';
      default?: number;
      values?: readonly number[];
      /** Values refused with their own text. */
      excluded?: readonly number[];
      min?: number;
      max?: number;
    })
  | (Common & { type: 'number' })
  | (Common & { type: 'boolean'; default?: boolean; notBlank?: true })
  /** ISO 8601, given to the handler as milliseconds. */
  | (Common & { type: 'time' })
  /** `YYYY-MM-DD`, given as text. */
  | (Common & { type: 'date' })
  /** `a,b`, `x[]=a&x[]=b` or a JSON array, given as an array of strings. */
  | (Common & { type: 'comma-list'; values?: readonly string[] })
  /** `x[]=a&x[]=b` or a JSON array of strings; `scalar: true` also takes one plain value, `hash: true` the values of `x[0]=a`. */
  | (Common & { type: 'string-list'; scalar?: true; hash?: true; values?: readonly string[] })
  /** A list of objects, each checked by `of`. */
  | (Common & { type: 'object-list'; of: InputShape })
  /** One object checked by `of`. */
  | (Common & { type: 'object'; of: InputShape })
  /** Any object, values unchecked. */
  | (Common & { type: 'hash' })
  /** Any JSON value, unchecked. */
  | (Common & { type: 'any' })
  /** A file of a multipart body. */
  | (Common & { type: 'file' });

export type InputShape = { readonly [name: string]: Parameter };

type ValueOf<P extends Parameter> = P extends { type: 'string' | 'date'; values: readonly (infer V)[] }
  ? V
  : P extends { type: 'string' | 'date' }
    ? string
    : P extends { type: 'integer'; values: readonly (infer V)[] }
      ? V
      : P extends { type: 'integer' | 'number' | 'time' }
        ? number
        : P extends { type: 'boolean' }
          ? boolean
          : P extends { type: 'comma-list' | 'string-list' }
            ? string[]
            : P extends { type: 'object-list'; of: infer S extends InputShape }
              ? Input<S>[]
              : P extends { type: 'object'; of: infer S extends InputShape }
                ? Input<S>
                : P extends { type: 'hash' }
                  ? Record<string, unknown>
                  : P extends { type: 'file' }
                    ? UploadedFile
                    : unknown;

/** The type of a handler's `params`: required or defaulted ones are always there, others may be undefined, `nullable` ones null. */
export type Input<S extends InputShape> = {
  -readonly [K in keyof S]:
    | ValueOf<S[K]>
    | (S[K] extends { required: true } | { default: unknown } ? never : undefined)
    | (S[K] extends { nullable: true } ? null : never);
};

/** Rules over several parameters of a route (rest-resources 0.2). */
export type InputRule =
  | { atLeastOneOf: readonly string[] }
  | { exclusive: readonly string[]; text?: string }
  | { allOrNone: readonly string[] };
