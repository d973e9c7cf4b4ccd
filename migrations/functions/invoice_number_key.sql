CREATE OR REPLACE FUNCTION {schema}.invoice_number_key(number text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE PARALLEL SAFE
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    -- Letters are told by their code points alone: what the database's locale takes for a letter changes no key.
    told text COLLATE "C" := normalize(number, NFKC);
BEGIN
    -- What nobody sees: control signs, soft hyphens, marks of direction, spaces without width, loose accents.
    told := regexp_replace(
        told,
        '[\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u0300-\u036f\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f'
        '\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]',
        '', 'g'
    );
    told := translate(
        upper(told),
        'àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþабвгдежзийклмнопрстуфхцчшщъыьэюяѐёђѓєѕіїјљњћќѝўџґғқҙңҫұүһәө',
        'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏҐҒҚҘҢҪҰҮҺӘӨ'
    );
    -- Cyrillic letters that look like Latin ones are those; below, words are written as this leaves them.
    told := translate(told, 'АВЕЁКМНОРСТУХІЅ', 'ABEEKMHOPCTYXIS');
    -- One space for whatever is neither a letter nor a digit: from here on a letter is what is neither a digit nor a space.
    told := btrim(regexp_replace(
        told, '[\u0001-/:-@[-`{-\u00bf\u00d7\u00f7\u02b0-\u02ff\u2000-\u2bff\u2e00-\u2e7f\u3000-\u303f\ufe10-\ufe6f\uff00-\uffff]+', ' ', 'g'
    ));
    -- "от 04.05.2026", "от 4 мая 2026", "от 2026-05-04", and what follows.
    told := regexp_replace(
        told,
        '(^|[0-9 ])OT ?('
        '(0?[1-9]|[12][0-9]|3[01])( (0?[1-9]|1[0-2]) (20)?| ?[^0-9 ]+ 20)[0-9][0-9]'
        '|20[0-9][0-9] (0?[1-9]|1[0-2]) (0?[1-9]|[12][0-9]|3[01])'
        ')(?![0-9]).*$',
        '\1'
    );
    -- What kind of paper it is, and "№", which is "NO" by now. "N/A" is no number A.
    told := btrim(regexp_replace(
        told,
        '^( ?(CЧET ?ФAKTYPA|YПД|TOPГ ?12(?![0-9])|HAKЛAДHAЯ|INVOICE|NO?(?! A$))(?![^0-9 ]))+', ''
    ));
    IF told IN ('БH', 'Б H', 'БEЗ HOMEPA', 'БEЗ NO', 'NA', 'N A') THEN
        RETURN '';
    END IF;
    told := regexp_replace(told, '(^|[^0-9])0+(?=[0-9])', '\1', 'g');
    RETURN replace(regexp_replace(told, '([0-9]) (?=[0-9])', '\1/', 'g'), ' ', '');
END
$function$;
