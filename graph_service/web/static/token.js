// Lets the chart ask as whoever opened the page: with the access token that this tab keeps, if there is one.
"use strict";
const kept = sessionStorage.getItem("graph-service token");
if (kept) document.querySelector("alignment-chart").setAttribute("token", kept);
