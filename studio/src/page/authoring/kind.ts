import type { Authored } from './editor.tsx';

export const linkedServices: Authored = { word: 'linked service', collection: 'linkedservices', at: 'linked-services' };
export const datasets: Authored = { word: 'dataset', collection: 'datasets', at: 'datasets' };
export const pipelines: Authored = { word: 'pipeline', collection: 'pipelines', at: 'pipelines' };
