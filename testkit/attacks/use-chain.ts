/** A chain for all tests of a file or suite: started before them, ended and its folder removed after them. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { temporaryFolder } from '../folder/index.ts';
import { type Identity, MEMBER, OpensslAuthority } from './authority.ts';
import { type Chain, startChain } from './run.ts';
import { talkTls } from './tls-client.ts';

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

export interface TlsChain {
  readonly authority: OpensslAuthority;
  readonly chain: Chain;
  /** A member's, whom the listeners take. */
  readonly own: Identity;
}

/** So many engines, the first one's TLS listeners demand certificates of an authority of its own. After each test it lives, and a good client is answered. */
export function useTlsChain(hops: number): () => TlsChain {
  const folder = temporaryFolder();
  const authority = new OpensslAuthority(folder.path);
  let made: TlsChain | undefined;
  const get = (): TlsChain => {
    if (made === undefined) throw new Error('the chain has not started yet');
    return made;
  };
  before(async () => {
    authority.issue('root');
    const own = authority.leaf('own', MEMBER);
    const chain = await startChain('weft', hops, folder.path, {
      certificate: authority.file('own.pem'),
      privateKey: authority.file('own.key'),
      trusted: authority.file('root.pem'),
    });
    made = { authority, chain, own };
  });
  after(async () => {
    await made?.chain.stop();
    folder[Symbol.dispose]();
  });
  beforeEach(() => get().chain.recorder.reset());
  afterEach(async () => {
    const { chain, own } = get();
    for (const { exit, stderr } of chain.engines) assert.equal(exit, undefined, stderr);
    assert.match(await talkTls(chain.port('tls'), { ...own }), /^HTTP\/1\.1 200 /, 'a good client after the attack');
  });
  return get;
}
