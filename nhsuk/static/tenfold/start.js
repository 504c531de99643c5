// Starts the NHS.UK components on the page. Every page works without it.
import { initAll } from "../nhsuk/nhsuk-frontend.min.js";
import "./drop.js";

initAll();
