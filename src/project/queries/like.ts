import { type Expression, type SqlBool, sql } from 'kysely';

/** A text that `like … escape '\'` takes literally (security LIM-6). */
export function likeText(text: string): string {
  return text.replace(/[\\%_]/g, (sign) => `\\${sign}`);
}

/** `expression like pattern`, with a backslash before signs that are meant literally. */
export function likeEscaped(expression: Expression<string | null>, pattern: string): Expression<SqlBool> {
  return sql<SqlBool>`${expression} like ${pattern} escape '\\'`;
}
