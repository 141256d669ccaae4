import type { ConfigMessage, Position } from '../compiled.ts';
import { positionOf } from '../positions.ts';
import { toText } from '../yaml/inspect.ts';
import type { YamlList, YamlMap, YamlScalar, YamlValue } from '../yaml-value.ts';

/** What the validation of one configuration found, in the order it was found. */
export interface Findings {
  errors: ConfigMessage[];
  warnings: ConfigMessage[];
}

interface Place {
  parent: Entry | null;
  container: YamlMap | YamlList | null;
  key: YamlScalar;
  /** Part of the location in error texts; null adds none (a cache of a list, the root). */
  segment: string | null;
  /** The location starts here, whatever stands above (`retry`). */
  detached: boolean;
}

/**
 * One value of the configuration together with where it stands: the place that error texts name (ci-yaml 1.1).
 * A keyword's file checks an entry, and looks into its children only while `sound` holds.
 */
export class Entry {
  readonly value: YamlValue;
  readonly findings: Findings;
  readonly #place: Place;
  /** Whether no error has been reported on this very entry; errors of its children do not count. */
  sound = true;

  private constructor(value: YamlValue, findings: Findings, place: Place) {
    this.value = value;
    this.findings = findings;
    this.#place = place;
  }

  /** The whole configuration; its errors and those of everything below go to `findings`. */
  static root(value: YamlMap, findings: Findings): Entry {
    return new Entry(value, findings, {
      parent: null,
      container: null,
      key: null,
      segment: null,
      detached: false,
    });
  }

  /** The same value under another location, as the jobs of the root are named below `jobs`. */
  under(segment: string): Entry {
    return new Entry(this.value, this.findings, {
      parent: this,
      container: null,
      key: null,
      segment,
      detached: false,
    });
  }

  /** The value of `key`, as an entry; `segment` names it in error texts. */
  child(key: YamlScalar, segment: string | null = toText(key), detached = false): Entry {
    const container = this.value instanceof Map ? this.value : null;
    return new Entry(container?.get(key) ?? null, this.findings, {
      parent: this,
      container,
      key,
      segment,
      detached,
    });
  }

  /**
   * The items of a list, those of nested lists (up to ten levels) in their place; a value that is no list is its
   * own only item. `segment` is the class of the items in error texts (`rule`, `need`), or null.
   */
  items(segment: string | null, depth = 10): Entry[] {
    if (!Array.isArray(this.value)) return [this.#renamed(segment)];
    return this.value.flatMap((value, index) => {
      const item = new Entry(value, this.findings, {
        parent: this,
        container: this.value as YamlList,
        key: index,
        segment: null,
        detached: false,
      });
      return Array.isArray(value) && depth > 1 ? item.items(segment, depth - 1) : [item.#renamed(segment)];
    });
  }

  #renamed(segment: string | null): Entry {
    return segment === null ? this : this.under(segment);
  }

  /** The value of `key`; null when there is none. */
  get(key: string): YamlValue {
    return this.value instanceof Map ? (this.value.get(key) ?? null) : null;
  }

  /** Whether `key` was written, even with a null value. */
  has(key: string): boolean {
    return this.value instanceof Map && this.value.has(key);
  }

  /** Reports `<location> <attribute> <message>` in lower case; `attribute` is `config` or a key of this entry. */
  error(attribute: string, message: string, at: string = attribute): void {
    const place = [this.location, attribute.replaceAll('_', ' '), message];
    this.errorAsWritten(
      place
        .filter((part) => part !== '')
        .join(' ')
        .toLowerCase(),
      at,
    );
  }

  /** Reports `<location> <message>`, the texts about a wrong kind of value that keep their case (ci-yaml 1.1). */
  kindError(message: string): void {
    this.errorAsWritten(`${this.location} ${message}`);
  }

  /** Reports a whole text; `at` is the key of this entry that it is about, when it is about one. */
  errorAsWritten(message: string, at?: string): void {
    this.sound = false;
    this.findings.errors.push(this.message('error', message, at));
  }

  /** Reports a warning; its text keeps its case. */
  warn(message: string): void {
    this.findings.warnings.push(this.message('warning', `${this.location} ${message}`));
  }

  /** A message about this entry or its key `at`, with path and nearest known position. */
  message(severity: ConfigMessage['severity'], message: string, at?: string): ConfigMessage {
    const known = at !== undefined && this.has(at);
    const position = this.positionAt(known ? at : undefined);
    return {
      severity,
      message,
      path: known ? [...this.path, at] : this.path,
      ...(position === undefined ? {} : { position }),
    };
  }

  /** Where `at` of this entry was written, or this entry, or the nearest one above it that has a position. */
  positionAt(at?: YamlScalar): Position | undefined {
    if (at !== undefined && this.value instanceof Map) {
      const position = positionOf(this.value, at);
      if (position !== undefined) return position;
    }
    const { container, key, parent } = this.#place;
    const own = container === null ? undefined : positionOf(container, key);
    return own ?? (parent === null ? this.#start() : parent.positionAt());
  }

  /** Where the first key of the configuration was written. */
  #start(): Position | undefined {
    if (!(this.value instanceof Map)) return undefined;
    const [first = null] = this.value.keys();
    return positionOf(this.value, first);
  }

  /** Keys from the root to this entry. */
  get path(): (string | number)[] {
    const { parent, container, key } = this.#place;
    const above = parent?.path ?? [];
    if (container === null) return above;
    return [...above, typeof key === 'number' ? key : toText(key)];
  }

  /** The place as error texts name it: keys joined with `:`. */
  get location(): string {
    const { parent, segment, detached } = this.#place;
    const above = detached ? '' : (parent?.location ?? '');
    if (segment === null) return above;
    return above === '' ? segment : `${above}:${segment}`;
  }
}
