/** The two time grids of the store: fine ticks of the last minutes, coarse slots of a day in blocks. All series share them. */

/** ms between fine samples; what the live table tells (`SAMPLE_INTERVAL`). */
export const TICK = 5000;
/** Fine samples that are kept: five minutes. */
export const TICKS = 60;
/** ms between coarse samples. */
export const SLOT = 30_000;
/** Coarse samples of a block: half an hour. */
export const BLOCK_SLOTS = 60;
/** Blocks that are kept beside the current one: a day. */
export const BLOCKS = 48;

export const tickOf = (ms: number): number => Math.round(ms / TICK);

/** The slot that a tick's value goes to: the last tick of a slot stands for it, so a slot is dated by its end. */
export const slotOf = (tick: number): number => Math.ceil((tick * TICK) / SLOT);

export const blockOf = (slot: number): number => Math.floor(slot / BLOCK_SLOTS);
