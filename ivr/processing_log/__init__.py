"""The agency's processing log (Logboek Dataverwerkingen): records as OpenTelemetry, and the way there."""
