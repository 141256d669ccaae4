import type { ResourceGroup } from '../../pipeline/resource-group.ts';
import { isoTime } from './time.ts';

/** A resource group (rest-resources 9.3). */
export function resourceGroupEntity(group: ResourceGroup) {
  return {
    id: group.id,
    key: group.key,
    process_mode: group.processMode,
    created_at: isoTime(group.createdAt),
    updated_at: isoTime(group.updatedAt),
  };
}
