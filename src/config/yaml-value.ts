/**
 * YAML as Ruby's Psych reads it, in JavaScript values. Mappings are `Map`s: they keep the order of the file and the
 * kind of the key (`10:` is not `"10":`), and a key such as `__proto__` is plain data.
 */
export type YamlScalar = string | number | bigint | Float | boolean | null;
export type YamlValue = YamlScalar | YamlMap | YamlList | Reference;
export type YamlMap = Map<YamlScalar, YamlValue>;
export type YamlList = YamlValue[];

/** A float: Ruby tells 1.0 from 1 and prints it so. A plain `number` is an integer, but as a mapping's key. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** `!reference [job, key, ...]` before it is resolved (ci-yaml.md 5.2); `path` is unchecked as written. */
export class Reference {
  readonly path: YamlValue;
  constructor(path: YamlValue) {
    this.path = path;
  }
}
