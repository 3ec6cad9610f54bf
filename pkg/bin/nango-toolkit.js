#!/usr/bin/env node
import "../dist/node/nango-toolkit.js";
