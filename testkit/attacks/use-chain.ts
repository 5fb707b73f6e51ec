/** A chain for all tests of a file or suite: started before them, ended and its folder removed after them. */
import { after, before } from 'node:test';
import { temporaryFolder } from '../folder/index.ts';
import { type Chain, startChain } from './run.ts';

/** Through so many of our engines. The answer gives the chain from the first test on. */
export function useChain(hops: number): () => Chain {
  const folder = temporaryFolder();
  let chain: Chain | undefined;
  before(async () => {
    chain = await startChain('weft', hops, folder.path);
  });
  after(async () => {
    await chain?.stop();
    folder[Symbol.dispose]();
  });
  return () => {
    if (chain === undefined) throw new Error('the chain has not started yet');
    return chain;
  };
}
