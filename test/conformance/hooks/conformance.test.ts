import { casesInOwnProjects } from '../jobs-api/own-projects.ts';

casesInOwnProjects('webhooks', import.meta.url, 1);
