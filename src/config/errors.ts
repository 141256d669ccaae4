/**
 * Every text that the phases from YAML to the resolved tree can say; `entry/` has its own list. The texts are
 * GitLab's (ci-yaml.md, section beside each group); where it has none, ours is marked so.
 */

// ci-yaml 1, 2: text and YAML
export const NO_CONTENT = 'Please provide content of .gitlab-ci.yml';
export const INVALID_FORMAT = 'Invalid configuration format';
export const TEXT_TOO_BIG = 'The provided YAML is too big';
export const PARSED_TOO_BIG = 'The parsed YAML is too big';
export const unspecifiedClass = (name: string) => `Tried to load unspecified class: ${name}`;
export const unknownAnchor = (name: string) => `An alias referenced an unknown anchor: ${name}`;
export const syntaxError = (detail: string, line: number, column: number) =>
  `(<unknown>): ${detail} at line ${line} column ${column}`;

// ci-yaml 3: header and inputs
export const headerUnknownKeys = (location: string, keys: string) =>
  `${location} config contains unknown keys: ${keys}`.toLowerCase();
export const headerShouldBe = (location: string, kind: string) =>
  `${location} should be ${kind}`.toLowerCase();
export const headerExclusiveKeys = (location: string, keys: string) =>
  `${location} config these keys cannot be used together: ${keys}`.toLowerCase();
export const INPUTS_NOT_HASH = 'Given inputs must be a hash';
export const INPUTS_WITHOUT_SPEC =
  'Given inputs not defined in the `spec` section of the included configuration file';
export const TOO_MANY_INPUTS = 'There cannot be more than 20 inputs';
export const unknownInputs = (names: string[]) => `unknown input arguments: ${names.join(', ')}`;
export const unknownInputType = (name: string) =>
  `unknown input specification for \`${name}\` (valid types: array, boolean, number, string)`;
export const inputError = (name: string, detail: string) => `\`${name}\` input: ${detail}`;
export const INPUT_REQUIRED = 'required value has not been provided';
export const INPUT_REGEX_MISMATCH = 'value does not match required RegEx pattern';
export const INPUT_REGEX_INVALID = 'invalid regular expression';
export const INPUT_REGEX_KIND = 'RegEx validation can only be used with string inputs';
export const INPUT_OPTIONS_KIND = 'Options can only be used with string and number inputs';
export const inputNotInOptions = (value: string, type: string) =>
  `\`${value}\` cannot be used because it is not in the list of ${type === 'number' ? 'the ' : ''}allowed options`;
export const inFile = (file: string, detail: string) => `\`${file}\`: ${detail}`;

// ci-yaml 3: interpolation (the four limits have no text there: ours)
export const INVALID_PATTERN = 'invalid pattern used for interpolation. valid pattern is $[[ inputs.input ]]';
export const TOO_MANY_FUNCTIONS = 'too many functions in interpolation block';
export const MASKED_VARIABLE = 'masked variables cannot be expanded';
export const EXPRESSION_TOO_LONG = 'maximum interpolation expression size has been exceeded';
export const NODE_TOO_BIG = 'config node is too large';
export const TOO_MANY_BLOCKS = 'config has too many interpolation blocks';
export const TOO_MANY_NODES = 'config has too many nodes to interpolate';
export const unknownInterpolation = (key: string, access: string) =>
  `unknown interpolation provided: \`${key}\` in \`${access}\``;
export const noSuchFunction = (name: string) =>
  `no function matching \`${name}\`: check that the function name, arguments, and types are correct`;
export const functionError = (name: string, detail: string) => `error in \`${name}\` function: ${detail}`;
export const functionNeedsString = (name: string) =>
  `invalid input type: ${name} can only be used with string inputs`;

// ci-yaml 4: include
const SUBKEYS = '`local`, `project`, `remote`, `template`, `artifact`, `component`';
export const INCLUDE_KIND = 'Each include must be a hash or a string';
export const INCLUDE_EXCLUSIVE = `Each include must use only one of: ${SUBKEYS}`;
export const includeWithoutSubkey = (json: string) =>
  `\`${json}\` does not have a valid subkey for include. Valid subkeys are: ${SUBKEYS}`;
export const tooManyIncludes = (limit: number) => `Maximum of ${limit} nested includes are allowed!`;
export const INCLUDES_TOO_BIG = 'Total size of combined CI/CD configuration is too big';
export const INCLUDE_TIMEOUT = 'Request timed out when fetching configuration files.';
export const ARTIFACT_OUTSIDE_CHILD =
  'Including configs from artifacts is only allowed when triggering child pipelines';
export const localMissing = (path: string) => `Local file \`${path}\` does not exist!`;
export const localEmpty = (path: string) => `Local file \`${path}\` is empty!`;
export const projectFileMissing = (project: string, file: string) =>
  `Project \`${project}\` file \`${file}\` does not exist!`;
export const projectFileEmpty = (project: string, file: string) =>
  `Project \`${project}\` file \`${file}\` is empty!`;
export const remoteAddress = (url: string) => `Remote file \`${url}\` does not have a valid address!`;
export const remoteIntegrity = (url: string) => `Remote file \`${url}\` failed integrity check!`;
export const templateLocation = (name: string) => `Template file \`${name}\` is not a valid location!`;
export const includedNotString = (location: string) => `Included file \`${location}\` needs to be a string`;
export const includedExtension = (location: string) =>
  `Included file \`${location}\` does not have YAML extension!`;
export const includedEmpty = (location: string) =>
  `Included file \`${location}\` is empty or does not exist!`;
export const includedSyntax = (location: string) =>
  `Included file \`${location}\` does not have valid YAML syntax!`;
export const includeRule = (detail: string) => `include:rules:rule ${detail}`.toLowerCase();
export const existsProject = (detail: string) => `rules:exists:project ${detail}`;

// ci-yaml 5: extends and !reference (the depth of a reference has no text there: ours)
export const unknownExtends = (job: string, keys: string) => `${job}: unknown keys in \`extends\` (${keys})`;
export const invalidExtends = (job: string, keys: string) =>
  `${job}: invalid base hashes in \`extends\` (${keys})`;
export const circularExtends = (job: string) => `${job}: circular dependency detected in \`extends\``;
export const deepExtends = (job: string) => `${job}: nesting too deep in \`extends\``;
export const invalidReference = (value: string) => `!reference ${value} is not valid`;
export const missingReference = (path: string) => `!reference ${path} could not be found`;
export const circularReference = (path: string) => `!reference ${path} is part of a circular chain`;
export const deepReference = (path: string) => `!reference ${path} is nested too deep (more than 10 levels)`;
