import type { PublicUser, User } from '../../project/user.ts';
import { avatarUrl } from './avatar.ts';
import { isoTime } from './time.ts';

/** A user as every other entity shows him (rest-resources 2.3). */
export function userBasic(user: PublicUser, baseUrl: string) {
  return {
    id: user.id,
    username: user.username,
    public_email: user.publicEmail,
    name: user.name,
    state: user.state,
    locked: false,
    avatar_url: avatarUrl('user', user.id, user.profile.avatar, baseUrl),
    web_url: `${baseUrl}/${user.username}`,
  };
}

/** A user with the profile: `GET /users/:id`, and the user of a job. */
export function userEntity(user: PublicUser, baseUrl: string) {
  const text = (name: string) => optionalText(user.profile[name]);
  return {
    ...userBasic(user, baseUrl),
    created_at: isoTime(user.createdAt),
    bio: text('bio') ?? '',
    location: text('location'),
    linkedin: text('linkedin') ?? '',
    twitter: text('twitter') ?? '',
    discord: text('discord') ?? '',
    website_url: text('website_url') ?? '',
    github: text('github') ?? '',
    job_title: text('job_title') ?? '',
    pronouns: text('pronouns'),
    organization: text('organization') ?? '',
    bot: user.bot,
    work_information: null,
    followers: 0,
    following: 0,
    is_followed: false,
    local_time: null,
  };
}

/** A user as he sees himself at `/user`. */
export function userPublic(user: User, baseUrl: string) {
  return {
    ...userEntity(user, baseUrl),
    last_sign_in_at: isoTime(user.lastSignInAt),
    confirmed_at: isoTime(user.createdAt),
    last_activity_on: isoTime(user.lastActivityAt)?.slice(0, 10) ?? null,
    email: user.email,
    theme_id: null,
    color_scheme_id: 1,
    projects_limit: user.projectsLimit,
    current_sign_in_at: isoTime(user.lastSignInAt),
    identities: [],
    can_create_group: user.canCreateGroup,
    can_create_project: user.projectsLimit > 0,
    two_factor_enabled: false,
    external: user.external,
    private_profile: user.profile.private_profile === true,
    commit_email: user.email,
    preferred_language: 'en',
  };
}

/** A user as administrators see him. `namespaceId` is his own namespace's. */
export function userAdmin(user: User, namespaceId: number | null, baseUrl: string) {
  return {
    ...userPublic(user, baseUrl),
    is_admin: user.admin,
    note: optionalText(user.profile.note),
    namespace_id: namespaceId,
    created_by: null,
    email_reset_offered_at: null,
  };
}

/** `GET /users/:id` for administrators. */
export function userDetailsAdmin(
  user: User,
  namespaceId: number | null,
  highestRole: number,
  baseUrl: string,
) {
  return {
    ...userAdmin(user, namespaceId, baseUrl),
    highest_role: highestRole,
    current_sign_in_ip: null,
    last_sign_in_ip: null,
    sign_in_count: 0,
  };
}

function optionalText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
