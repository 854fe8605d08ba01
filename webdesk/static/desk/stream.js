// The desk's live connection.

import { followStream } from "../live.js";
import { EVENT_TYPES } from "./state.js";

/** Follow the desk's events from a position on; `on` as in live.js. */
export const follow = (position, on) =>
  followStream((from) => `/desk/events?from=${from}`, EVENT_TYPES, position, on);
