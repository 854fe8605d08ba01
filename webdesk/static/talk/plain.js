// A page without a story of its own: it only answers the page around it.

import { greet, tell } from "./host.js";

greet(() => tell("at", { url: location.href, live: false }));
