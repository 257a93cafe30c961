"""Help desks, messages and the objects of other CRMs that are known by their headers."""

from typing import Final

from app.exchange.layout import Layout, layout

_FRESHDESK: Final = {
    "Ticket ID": "external_id", "Full name": "contact", "Agent": "owner", "Group": "category",
    "Created time": "opened_at", "Resolved time": "resolved_at", "Closed time": "closed_at",
    "Initial response time": "first_response_at", "Source": "channel", "Survey results": "satisfaction",
    "Last update time": "modified_at", "First response time (in hrs)": None,
    "Resolution time (in hrs)": None, "Due by Time": None, "Contact ID": "contact_ref",
    "Unique external ID": None, "Resolution status": None, "First response status": None,
}  # fmt: skip
_JIRA: Final[dict[str, str | None]] = {
    "Issue key": "external_id", "Issue id": None, "Summary": "subject", "Comment": "comment:1",
    "Reporter": "contact", "Reporter Id": "contact_ref", "Assignee": "owner", "Assignee Id": "owner_ref",
    "Creator": None, "Creator Id": None, "Resolution": None, "Parent": None, "Parent id": None,
    "Project key": None, "Project name": None, "Project type": None, "Project lead": None,
    "Custom field (Request Type)": "category", "Satisfaction rating": "satisfaction",
    "Custom field (Satisfaction)": "satisfaction", "Last Viewed": None, "Watchers": None,
}  # fmt: skip
_ZENDESK: Final[dict[str, str | None]] = {
    "Id": "external_id", "Ticket ID": "external_id", "Requester": "contact", "Assignee": "owner",
    "Requester email": "contact_email", "Requester id": "contact_ref", "Organization": "company",
    "Group": "category", "Via": "channel", "Ticket type": "type", "Created at": "opened_at",
    "Requested": "opened_at", "Solved at": "resolved_at", "Updated at": "modified_at",
    "Requester external id": None, "Requester domain": None, "Submitter": None, "Summation column": None,
    "Satisfaction Score": "satisfaction", "Resolution time": None, "Initially assigned at": None,
    "First reply time in minutes": None, "Due date": None,
}  # fmt: skip
_ZENDESK_TICKETS: Final[dict[str, str | None]] = {
    "id": "external_id", "external_id": None, "requester_id": "contact_ref", "system_client": None,
    "submitter_id": None, "assignee_id": "owner_ref", "organization_id": "company_ref",
    "created_at": "opened_at", "updated_at": "modified_at", "via_channel": "channel", "channel": "channel",
    "recipient": None, "url": None, "group_id": None, "brand_id": None, "problem_id": None,
    "forum_topic_id": None, "ticket_form_id": None, "due_at": None, "via_source_from_title": None,
    "via_source_to_name": None, "via_source_to_address": None, "via_source_from_address": None,
}  # fmt: skip

LAYOUTS: Final[tuple[Layout, ...]] = (
    layout("freshdesk", "Freshdesk tickets", "ticket", "Ticket ID|Subject|Created time|"
            "Resolved time|Full name", _FRESHDESK, 4),
    layout("freshdesk", "Freshdesk tickets (extract)", "ticket", "id|requester_id|responder_id|"
            "subject|fr_escalated|spam|due_by|fr_due_by", {"id": "external_id",
            "requester_id": "contact_ref", "responder_id": "owner_ref", "company_id": "company_ref",
            "created_at": "opened_at", "updated_at": "modified_at", "description_text": "description",
            "source": None, "due_by": None, "fr_due_by": None}, 5),
    layout("freshdesk", "Freshdesk conversations", "ticket_message", "id|body_text|incoming|private|"
            "ticket_id|user_id", {"id": "external_id", "body_text": "body", "body": None,
            "created_at": "at", "updated_at": None, "user_id": "author_ref",
            "ticket_id": "ticket_ref"}, 5),
    layout("freshdesk", "Freshdesk-Tickets", "ticket", "Ticket-ID|Betreff|Erstellungszeit|Lösungszeit|"
            "Vollständiger Name|Priorität", {"Ticket-ID": "external_id",
            "Vollständiger Name": "contact", "Erstellungszeit": "opened_at",
            "Lösungszeit": "resolved_at"}, 4),
    layout("freshdesk", "Tickets Freshdesk", "ticket", "ID de ticket|Objet|Heure de création|"
            "Heure de résolution|Nom complet|Priorité", {"ID de ticket": "external_id",
            "Nom complet": "contact", "Heure de création": "opened_at",
            "Heure de résolution": "resolved_at"}, 4),
    layout("freshdesk", "Tickets de Freshdesk", "ticket", "ID del ticket|Asunto|Hora de creación|"
            "Hora de resolución|Nombre completo|Prioridad", {"ID del ticket": "external_id",
            "Nombre completo": "contact", "Hora de creación": "opened_at",
            "Hora de resolución": "resolved_at"}, 4),
    layout("zendesk", "Zendesk tickets", "ticket", "Requester|Requester email|Assignee|Subject|Id|"
            "Satisfaction Score|Requester id|Ticket type", _ZENDESK, 5),
    layout("zendesk", "Zendesk tickets (view)", "ticket", "Subject|Requester|Requested|Status|Id|"
            "Priority", _ZENDESK, 5),
    layout("zendesk", "Zendesk tickets (extract)", "ticket", "id|requester_id|assignee_id|subject|"
            "organization_id|submitter_id|brand_id|via_channel", _ZENDESK_TICKETS, 5),
    layout("zendesk", "Zendesk people (extract)", "contact", "id|name|role|organization_id|"
            "time_zone|locale|ticket_restriction|two_factor_auth_enabled|suspended",
            {"id": "external_id", "external_id": None, "role": "account_role", "alias": None,
             "organization_id": "company_ref", "active": None, "verified": None, "url": None,
             "details": None, "notes": "description", "locale": "language", "locale_id": None,
             "time_zone": None, "signature": None, "remote_photo_url": None, "moderator": None,
             "created_at": "created_on", "updated_at": "modified_at"}, 6),
    layout("zendesk", "Zendesk organizations (extract)", "company", "id|name|shared_comments|"
            "shared_tickets|group_id|details|domain_names", {"id": "external_id", "external_id": None,
            "group_id": None, "url": None, "notes": "description", "domain_names": "domain",
            "updated_at": "modified_at"}, 4),
    layout("zendesk", "Zendesk comments (extract)", "ticket_message", "id|body|public|ticket_id|"
            "user_id|author_id|voice_comment|facebook_comment", {"id": "external_id",
            "user_id": "author_ref", "author_id": "author_ref", "created": "at", "created_at": "at",
            "html_body": None, "plain_body": None}, 4),
    layout("zendesk", "Zendesk ticket tags (extract)", "ticket", "tag|ticket_id",
            {"tag": "tags", "ticket_id": "external_id"}, most=4),
    layout("jira", "Jira issues", "ticket", "Issue key|Issue Type|Reporter|Summary", _JIRA, 3),
    layout("jira", "Jira-Vorgänge", "ticket", "Vorgangsschlüssel|Vorgangstyp|Autor|Zusammenfassung|"
            "Vorgangs-ID|Priorität", {"Vorgangsschlüssel": "external_id", "Vorgangs-ID": None,
            "Schlüssel": "external_id", "Zusammenfassung": "subject", "Kommentar": "comment:1",
            "Autor": "contact", "Ersteller": None, "Vorgangstyp": "type", "Lösung": None,
            "Bearbeiter": "owner", "Zugewiesene Person": "owner", "Aktualisiert": "modified_at",
            "Erstellt": "opened_at", "Erledigt": "resolved_at", "Projektname": None,
            "Projektschlüssel": None}, 3),
    layout("jira", "Tickets Jira", "ticket", "Clé de ticket|Type de ticket|Rapporteur|Résumé|"
            "ID de ticket|Priorité", {"Clé de ticket": "external_id", "ID de ticket": None,
            "Résumé": "subject", "Commentaire": "comment:1", "Rapporteur": "contact",
            "Créateur": None, "Type de ticket": "type", "Résolution": None, "Responsable": "owner",
            "Personne assignée": "owner", "Mise à jour": "modified_at", "Mis à jour": "modified_at",
            "Création": "opened_at", "Créée": "opened_at", "Créé": "opened_at",
            "Résolue": "resolved_at", "Résolu": "resolved_at", "Nom du projet": None}, 3),
    layout("jira", "Incidencias de Jira", "ticket", "Clave de incidencia|Tipo de Incidencia|Informador|"
            "Resumen|ID de la incidencia|Prioridad", {"Clave de incidencia": "external_id",
            "ID de la incidencia": None, "Resumen": "subject", "Comentario": "comment:1",
            "Informador": "contact", "Creador": None, "Tipo de Incidencia": "type",
            "Resolución": None, "Responsable": "owner", "Persona asignada": "owner",
            "Actualizada": "modified_at", "Creada": "opened_at", "Resuelta": "resolved_at"}, 3),
    layout("chatwoot", "Chatwoot conversations", "ticket", "id|inbox_id|display_id|contact_id|"
            "assignee_id|last_activity_at|contact_last_seen_at|status", {"id": "external_id",
            "assignee_id": "owner_ref", "contact_id": "contact_ref", "created_at": "opened_at",
            "first_reply_created_at": "first_response_at", "inbox_id": None, "account_id": None,
            "display_id": None, "updated_at": "modified_at", "uuid": None, "identifier": None}, 5),
    layout("chatwoot", "Chatwoot messages", "ticket_message", "id|content|conversation_id|"
            "message_type|private|sender_id|sender_type", {"id": "external_id", "content": "body",
            "conversation_id": "ticket_ref", "message_type": "direction", "created_at": "at",
            "sender_id": "author_ref", "sender_type": "author_kind", "private": "internal",
            "updated_at": None, "source_id": None, "content_type": None}, 5),
    layout("hubspot", "HubSpot tickets (extract)", "ticket", "id|property_subject|property_content|"
            "property_hs_ticket_priority|property_hs_pipeline_stage|property_createdate",
            {"id": "external_id", "property_subject": "subject", "property_content": "description",
             "property_hs_ticket_priority": "priority", "property_hs_ticket_category": "category",
             "property_hubspot_owner_id": "owner_ref", "property_createdate": "opened_at",
             "property_closed_date": "closed_at", "property_hs_pipeline": None,
             "property_first_agent_reply_date": "first_response_at",
             "property_hs_pipeline_stage": None}, 3),
    layout("hubspot", "HubSpot tickets", "ticket", "Ticket ID|Ticket name|Ticket status|Pipeline|"
            "Ticket description|Ticket owner", {"Ticket ID": "external_id", "Record ID": "external_id",
            "Ticket name": "subject", "Ticket description": "description", "Pipeline": None,
            "Ticket owner": "owner", "Create date": "opened_at", "Close date": "closed_at",
            "Associated Contact": "contact", "Associated Company": "company"}, 3),
    layout("hubspot", "HubSpot pipelines (extract)", "pipeline", "pipeline_id|label|display_order|"
            "active", {"pipeline_id": "external_id", "label": "name", "active": None,
            "display_order": "position"}, most=10),
    layout("hubspot", "HubSpot stages (extract)", "stage", "stage_id|pipeline_id|label|closed_won|"
            "is_closed|display_order|probability", {"stage_id": "external_id", "label": "name",
            "pipeline_id": "pipeline_ref", "closed_won": "won", "is_closed": "closed",
            "display_order": "position", "active": None}, 5),
    layout("hubspot", "HubSpot changes of stage (extract)", "stage_change", "deal_id|date_entered|"
            "value|source_id", {"deal_id": "deal_ref", "value": "stage_ref", "date_entered": "at",
            "source": None, "source_id": None}, 3, most=14),
    layout("hubspot", "HubSpot owners (extract)", "user", "owner_id|email|first_name|last_name|"
            "portal_id|active_user_id", {"owner_id": "external_id", "portal_id": None,
            "active_user_id": None, "type": None}, 5),
    layout("helpscout", "Help Scout conversations", "ticket", "Conversation ID|Number|Subject|Status|"
            "Customer|Mailbox|Assignee", {"Conversation ID": "external_id", "Number": None,
            "Customer": "contact", "Mailbox": "category", "Assignee": "owner"}, 5),
    layout("hubspot", "HubSpot tasks", "task", "Task Title|Due Date|Task Status|Task Type|Assigned to",
            {"Record ID": "external_id", "Task Title": "title", "Task Type": "subtype",
             "Assigned to": "owner", "Completed at": "done_at"}, 3),
    layout("salesforce", "Salesforce cases", "ticket", "CaseNumber|ContactId|AccountId|Subject|Origin|"
            "OwnerId|IsEscalated|ClosedDate", {"Id": "external_id", "CaseNumber": None,
            "ContactId": "contact_ref", "AccountId": "company_ref", "OwnerId": "owner_ref",
            "Origin": "channel", "CreatedDate": "opened_at", "ClosedDate": "closed_at",
            "LastModifiedDate": "modified_at", "ParentId": None, "Reason": "category",
            "CreatedById": None, "LastModifiedById": None}, 5),
    layout("salesforce", "Salesforce case comments", "ticket_message", "ParentId|CommentBody|"
            "IsPublished|CreatedById", {"Id": "external_id", "ParentId": "ticket_ref",
            "CommentBody": "body", "IsPublished": "public", "CreatedById": "author_ref",
            "CreatedDate": "at"}, 3),
    layout("salesforce", "Salesforce history of opportunities", "stage_change", "OpportunityId|"
            "StageName|CreatedDate|CreatedById|ForecastCategory", {"OpportunityId": "deal_ref",
            "StageName": "stage_ref", "CreatedDate": "at"}, 4, most=16),
    layout("pipedrive", "Pipedrive stages", "stage", "order_nr|pipeline_id|deal_probability|name|"
            "rotten_flag|active_flag", {"id": "external_id", "pipeline_id": "pipeline_ref",
            "name": "name", "order_nr": "position", "deal_probability": "probability",
            "pipeline_name": None, "pipeline_deal_probability": None}, 4),
    layout("pipedrive", "Pipedrive pipelines", "pipeline", "url_title|order_nr|deal_probability|name|"
            "active", {"id": "external_id", "name": "name", "order_nr": "position"}, 4, most=12),
    layout("salesforce", "Salesforce tasks", "task", "who_id|what_id|task_subtype|is_closed|"
            "activity_date|owner_id|call_disposition|is_high_priority",
            {"id": "external_id", "who_id": "contact_ref", "what_id": "what_ref",
             "account_id": "company_ref", "owner_id": "owner_ref", "subject": "title",
             "activity_date": "due_at", "completed_date_time": "done_at", "is_closed": "done",
             "created_by_id": None, "type": "type", "description": "notes",
             "referral_account_c": None, "referral_contact_c": None, "opportunity_c": None,
             "assigned_to_role_c": None, "assigned_to_name_c": None, "partner_account_c": None,
             "partner_contact_c": None, "last_modified_by_id": None, "last_modified_date": "modified_at"}, 5),
    layout("salesforce", "Salesforce events", "appointment", "who_id|what_id|start_date_time|"
            "end_date_time|activity_date_time|duration_in_minutes|owner_id|show_as",
            {"id": "external_id", "who_id": "contact_ref", "account_id": "company_ref",
             "owner_id": "owner_ref", "subject": "title", "start_date_time": "starts_at",
             "end_date_time": "ends_at", "description": "notes", "activity_date_time": None,
             "activity_date": None, "end_date": None, "created_by_id": None,
             "referral_account_c": None, "referral_contact_c": None, "opportunity_c": None,
             "assigned_to_role_c": None, "assigned_to_name_c": None, "partner_account_c": None,
             "partner_contact_c": None, "last_modified_by_id": None, "last_modified_date": "modified_at"}, 5),
    layout("salesforce", "Salesforce users", "user", "username|profile_id|user_role_id|user_type|"
            "federation_identifier|locale_sid_key|name", {"id": "external_id", "account_id": None,
            "contact_id": None, "individual_id": None, "profile_id": None, "name": "name",
            "user_role_id": None, "time_zone_sid_key": "time_zone", "department": "team",
            "division": None, "manager_id": None, "username": None, "alias": None, "state": None,
            "community_nickname": None, "sender_name": None, "sender_email": None}, 4),
    layout("linkedin", "LinkedIn messages", "message", "Conversation ID|Conversation Title|From|"
            "Sender Profile URL|To|Content", {"Conversation ID": "thread",
            "Conversation Title": "title", "From": "sender", "To": "recipients", "Date": "at",
            "Content": "body", "Folder": "folder", "Recipient Profile URLs": "recipient_urls",
            "Attachments": None, "Is message draft": None, "Is conversation draft": None}, 4),
)  # fmt: skip
