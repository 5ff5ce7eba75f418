/* Parses a YAML file with libyaml and does nothing else: the least that any reader of it can take. */
#include <stdio.h>
#include <yaml.h>

int main(int count, char **words) {
    if (count != 2) return 2;
    FILE *file = fopen(words[1], "rb");
    if (!file) return 1;
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) return 1;
    yaml_parser_set_input_file(&parser, file);
    int is_over = 0;
    while (!is_over) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) return 1;
        is_over = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    fclose(file);
    return 0;
}
