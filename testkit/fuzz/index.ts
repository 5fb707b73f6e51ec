export { readCorpus, writeCorpus } from './corpus.ts';
export { faultOf, fuzz } from './driver.ts';
export { type Target, TARGETS } from './targets.ts';
