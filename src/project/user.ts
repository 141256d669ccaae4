/** A person or bot, as the other rooms see it. */
export interface User {
  id: number;
  username: string;
  name: string;
  email: string;
  publicEmail: string;
  state: 'active' | 'blocked' | 'deactivated' | 'banned';
  admin: boolean;
  bot: boolean;
  external: boolean;
  canCreateGroup: boolean;
  createdAt: number;
}
