import { casesInOwnProjects } from '../jobs-api/own-projects.ts';

casesInOwnProjects('schedules and resource groups', import.meta.url, 2);
