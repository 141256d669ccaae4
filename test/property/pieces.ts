/** What YAML and the language of configurations are made of: from these, texts are put together that nobody would write. */
export const PIECES: readonly string[] = [
  ': ¦- ¦\n¦  ¦[¦]¦{¦}¦, ¦"¦\'¦|\n¦>-\n¦#¦&a ¦*a¦<<: *a¦? ¦%¦!',
  '---\n¦...\n¦\t¦\r\n¦\u0000¦\ud800¦\u2028¦__proto__¦constructor',
  '~¦0x1¦1.0¦1:30¦2024-01-01¦-1¦5¦999999999999999999999¦null¦true¦""¦[]¦{}',
  'j¦script: x\n¦extends: ¦include: a.yml\n¦needs: ¦parallel: 3\n¦matrix: ¦rules: ¦if: $A =~ /b/\n¦stages: ¦default: ',
  '!reference [a, script]¦$[[ inputs.x ]]¦$[[ matrix.X ]]¦spec:\n  inputs:\n    x:\n¦variables: ¦trigger: ¦workflow: ¦.h: ',
].flatMap((kind) => kind.split('¦'));
