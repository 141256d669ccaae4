/** Who sees a project or a group, in words, the fewest first. */
export const VISIBILITIES = [
  ['private', 'Private: members only'],
  ['internal', 'Internal: everybody who is signed in'],
  ['public', 'Public: everybody'],
] as const;
