// What stands between blocks and the world: whose blocks they are, and what has been filled in.
import { act, suggest } from "./api.js";

const filled = new Map();

/** The page's side of a message's blocks, or of a view's. `place`: {message: [channel, ts]} or {view_id}. */
export function surfaceOf(place, viewer, { initial = {}, errors = {} } = {}) {
  const id = place.view_id ?? place.message.join("-");
  if (!filled.has(id)) filled.set(id, structuredClone(initial ?? {}));
  const values = filled.get(id);
  return {
    id, viewer, values, errors,
    dispatch: (action) => act("act", { action, ...place, state_values: values }),
    suggest: (action_id, block_id, value) => suggest({ action_id, block_id, value, ...place }),
  };
}

/** What a view's inputs hold, for its submission: only blocks that it still has. */
export function valuesOf(view) {
  const blocks = new Set(view.blocks.map((block) => block.block_id));
  return Object.fromEntries(Object.entries(filled.get(view.id) ?? {}).filter(([block]) => blocks.has(block)));
}

/** Another person looks: nothing has been filled in by them. */
export function forgetFilled() {
  filled.clear();
}
