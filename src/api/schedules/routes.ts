import type { Route } from '../route.ts';
import { play, takeSchedule } from './act.ts';
import { listSchedulePipelines, listSchedules, showSchedule } from './read.ts';
import {
  createScheduleVariable,
  deleteScheduleVariable,
  editScheduleVariable,
  showScheduleVariable,
} from './variables.ts';
import { deleteSchedule, editSchedule, makeSchedule } from './write.ts';

/** Pipeline schedules (rest-resources 6.3). */
export const scheduleRoutes: readonly Route[] = [
  listSchedules,
  showSchedule,
  listSchedulePipelines,
  makeSchedule,
  editSchedule,
  takeSchedule,
  play,
  deleteSchedule,
  createScheduleVariable,
  showScheduleVariable,
  editScheduleVariable,
  deleteScheduleVariable,
];
