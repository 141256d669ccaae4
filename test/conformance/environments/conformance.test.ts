import { casesInOwnProjects } from '../jobs-api/own-projects.ts';

casesInOwnProjects('environments', import.meta.url, 4);
